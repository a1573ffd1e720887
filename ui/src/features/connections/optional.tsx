// The label of a field that may stay empty.

export function optional(label: string) {
  return (
    <>
      {label} <i>– optional</i>
    </>
  );
}
