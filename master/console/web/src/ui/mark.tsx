type Props = { glyph: string; colour: "ok" | "held" | "failed" | "waiting" | "killed" | "assigned" | "running"; word: string };

/** A state by glyph, word and colour. */
export function Mark({ glyph, colour, word }: Props) {
  return (
    <span className={`state state-${colour}`}>
      <span aria-hidden="true" className="glyph">{glyph}</span>
      {word}
    </span>
  );
}
