/** OwnKey's mark, as in icons/icon.svg: a shield with a keyhole that is itself a key. */
export function Logo({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 512 512" aria-hidden="true" focusable="false">
      <path fill="#12a99d" d="M256 20 60 84v176c0 108 78 192 196 232 118-40 196-124 196-232V84z" />
      <path
        fill="#fff"
        d="M256 112a84 84 0 0 0-38 158.900V412h76v-44h54v-68h-54v-29.100A84 84 0 0 0 256 112z"
      />
    </svg>
  );
}
