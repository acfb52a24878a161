import "./choose.css";

type Props = { label: string; value: string; options: readonly { value: string; label: string }[]; choose: (value: string) => void };

/** One of a few that are not searched: the browser's own list, which needs no code of ours. */
export function Choose({ label, value, options, choose }: Props) {
  return (
    <select className="choose" aria-label={label} value={value} onChange={(e) => choose(e.target.value)}>
      {options.map((o) => <option key={o.value} value={o.value}>{o.label}</option>)}
    </select>
  );
}
