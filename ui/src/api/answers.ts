// Answers of the backend, kept until the backend says that something changed.

import {
  keepPreviousData,
  QueryClient,
  type UseQueryResult,
  useMutation,
  useQuery,
} from "@tanstack/react-query";
import { type Answer, call, type Refused } from "./call";

/** What `Changed` makes stale. Anything else is asked anew whenever a page that shows it opens. */
export const CACHED = "cached";

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The backend is in the same program: there is no network to wait for and no luck to try
        // again, and it says itself when something changed.
        networkMode: "always",
        retry: false,
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

/** Something read from the backend's cache. While a new question is open, the last answer stays. */
export function useCached<T>(
  question: readonly unknown[],
  ask: () => Answer<T>,
  options: { enabled?: boolean; keepLast?: boolean } = {},
): UseQueryResult<T, Refused> {
  return useQuery<T, Refused>({
    queryKey: [CACHED, ...question],
    queryFn: () => call(ask()),
    enabled: options.enabled ?? true,
    ...(options.keepLast ? { placeholderData: keepPreviousData } : {}),
  });
}

/** Something that `Changed` says nothing about, such as this computer or its AWS profiles. */
export function useFresh<T>(
  question: readonly unknown[],
  ask: () => Answer<T>,
): UseQueryResult<T, Refused> {
  return useQuery<T, Refused>({
    queryKey: question,
    queryFn: () => call(ask()),
    staleTime: 0,
    gcTime: 0,
  });
}

/** A command that a person gives. */
export function useOrder<Input, T>(give: (input: Input) => Answer<T>) {
  return useMutation<T, Refused, Input>({ mutationFn: (input) => call(give(input)) });
}
