import type { Api } from "../api/client";
import { useLang, useWords } from "../ui/words";
import { dashed, weekday } from "./days";
import { words } from "./dutywords";

type Day = Api["DutyDay"];

const gapWords: Record<string, keyof typeof words.en> = { nobody: "gapNobody", "no-secondary": "gapSecondary", "same-person": "gapSame", disabled: "gapDisabled", "no-phone": "gapPhone" };
const grave = new Set(["nobody", "disabled"]);

/** What is wrong with a day, by glyph, word and colour. */
export function Gap({ what }: { what: string }) {
  const t = useWords(words);
  const word = gapWords[what];
  return (
    <span className={grave.has(what) ? "duty-gap grave" : "duty-gap"}>
      <span aria-hidden="true">{grave.has(what) ? "✕" : "▲"}</span> {word ? t(word) : what}
    </span>
  );
}

/** Who is first and second on a day, what is wrong, and the note. */
export function OnDay({ day, phones }: { day: Day; phones?: boolean }) {
  const anybody = day.primary !== undefined || day.secondary !== undefined;
  return (
    <>
      {!anybody && (day.gaps ?? []).length === 0 && <span className="duty-line faint">–</span>}
      {anybody && <Person role="primary" person={day.primary} phone={phones} />}
      {anybody && <Person role="secondary" person={day.secondary} phone={phones} />}
      {(day.gaps ?? []).map((gap) => <span key={gap} className="duty-line"><Gap what={gap} /></span>)}
      {day.note && <span className="duty-line faint">{day.note}</span>}
    </>
  );
}

function Person({ role, person, phone }: { role: "primary" | "secondary"; person?: Api["DutyPerson"]; phone?: boolean }) {
  const t = useWords(words);
  return (
    <span className="duty-line">
      <span className="faint">{t(role)}</span>{" "}
      {person ? <span title={person.title} className={role === "primary" ? "duty-first" : undefined}>{person.name}</span> : <span className="faint">–</span>}
      {phone && person?.title && <span className="faint"> {person.title}</span>}
      {phone && person?.phone && <Phone person={person} />}
    </span>
  );
}

function Phone({ person }: { person: Api["DutyPerson"] }) {
  const t = useWords(words);
  if (!person.phone || person.phone.includes("*")) return <span className="faint"> {person.phone}</span>;
  return <> <a className="duty-phone" href={`tel:${person.phone}`} aria-label={`${t("call", { name: person.name })}: ${person.phone}`}>☎ {person.phone}</a></>;
}

/** A day with the day of the week. */
export function DayName({ day }: { day: string }) {
  const lang = useLang();
  return <span className="nowrap">{dashed(day)} <span className="faint">{weekday(day, lang)}</span></span>;
}
