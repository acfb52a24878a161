import { type ReactNode, useId } from "react";

type StepProps = { n: number; title: string; children: ReactNode; headingRef?: React.Ref<HTMLHeadingElement> };

/** One part of a wizard, on the one page that all of them share. */
export function Step({ n, title, children, headingRef }: StepProps) {
  const id = useId();
  return (
    <section className="operations-step" aria-labelledby={id}>
      <h2 id={id} ref={headingRef} tabIndex={headingRef ? -1 : undefined}>{n}. {title}</h2>
      {children}
    </section>
  );
}

type FieldProps = { label: string; narrow?: boolean; children: (id: string) => ReactNode };

/** A field with its name above it. */
export function Field({ label, narrow, children }: FieldProps) {
  const id = useId();
  return (
    <div className={narrow ? "operations-field operations-narrow" : "operations-field"}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

type ChoiceProps<V extends string> = { label: string; value: string; options: readonly { value: V; label: string }[]; choose: (value: V) => void };

/** One of a few, all of them seen. */
export function Choice<V extends string>({ label, value, options, choose }: ChoiceProps<V>) {
  const name = useId();
  return (
    <fieldset className="operations-choice">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input type="radio" name={name} checked={value === option.value} onChange={() => choose(option.value)} /> {option.label}
        </label>
      ))}
    </fieldset>
  );
}
