import { Input } from "antd";
import { useWords } from "../ui/words";
import type { Inputs } from "./inputs";
import { type Period, countOf, cutRange, flawOf, forms, fullRange } from "./numbers";
import { planWords } from "./planwords";
import { Field } from "./step";

type Props = { inputs: Inputs; set: (patch: Partial<Inputs>) => void; period: Period | undefined };

/** A closed range of work numbers: `A..B` in one field or a number in each, with the form of the period beside it. */
export function Range({ inputs, set, period }: Props) {
  const t = useWords(planWords);
  const split = () => {
    const cut = cutRange(inputs.from, inputs.to);
    if (inputs.from.includes("..") || inputs.to.includes("..")) set(cut);
  };
  const form = period ? forms[period] : undefined;
  const [first, last] = form?.example.split("..") ?? [];
  return (
    <>
      <div className="operations-fields">
        <Field label={t("from")} narrow>
          {(id) => <Input id={id} className="mono" value={inputs.from} placeholder={first} onChange={(e) => set({ from: e.target.value })} onBlur={split} autoComplete="off" />}
        </Field>
        <Field label={t("to")} narrow>
          {(id) => <Input id={id} className="mono" value={inputs.to} placeholder={last} onChange={(e) => set({ to: e.target.value })} onBlur={split} autoComplete="off" />}
        </Field>
      </div>
      <p className="operations-note">
        {form && period ? t("rangeForm", { period: t(`period_${period}`), form: form.form, example: form.example }) : t("rangeUnknown")} {period === "week" && t("rangeWeek")}
      </p>
      <Covered inputs={inputs} period={period} />
    </>
  );
}

/** The first and the last number of what was typed, or what is wrong with it. */
function Covered({ inputs, period }: { inputs: Inputs; period: Period | undefined }) {
  const t = useWords(planWords);
  if (inputs.from === "" && inputs.to === "") return null;
  const range = fullRange(cutRange(inputs.from, inputs.to), period);
  const flaw = flawOf(range, period);
  if (flaw) return <p className="operations-wrong" role="status">{t(flaw, { form: period ? forms[period].form : "" })}</p>;
  const count = period && countOf(range, period);
  return <p className="operations-note" role="status">{count === undefined ? t("coversSome", range) : t("covers", { ...range, count: t("numbers", { n: count }) })}</p>;
}
