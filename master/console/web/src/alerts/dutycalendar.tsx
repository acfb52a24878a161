import type { Api } from "../api/client";
import { useLang, useWords } from "../ui/words";
import { dashed, weekday } from "./days";
import { OnDay } from "./dutyparts";
import { words } from "./dutywords";

type Day = Api["DutyDay"];
type Shared = { range: string[]; today: string; find: (department: string, day: string) => Day; open: (day: Day) => void };

/** A week: a row for each department. */
export function Week({ departments, range, today, find, open }: Shared & { departments: string[] }) {
  const t = useWords(words);
  const lang = useLang();
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t("roster")}>
      <table className="table duty-days">
        <thead>
          <tr>
            <th scope="col">{t("department")}</th>
            {range.map((day) => <th key={day} scope="col" className={day === today ? "today" : undefined} aria-current={day === today ? "date" : undefined}>{weekday(day, lang)} {dashed(day).slice(5)}</th>)}
          </tr>
        </thead>
        <tbody>
          {departments.map((department) => (
            <tr key={department}>
              <th scope="row">{department}</th>
              {range.map((day) => <td key={day} className={day < today ? "off" : undefined}><Cell day={find(department, day)} today={today} open={open} /></td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A month of one department: a row for each week. */
export function Month({ department, range, today, month, find, open }: Shared & { department: string; month: string }) {
  const lang = useLang();
  const weeks = Array.from({ length: range.length / 7 }, (_, i) => range.slice(i * 7, i * 7 + 7));
  return (
    <div className="duty-month">
      <h3>{department}</h3>
      <div className="scroll" tabIndex={0} role="region" aria-label={department}>
        <table className="table duty-days">
          <thead>
            <tr>{(weeks[0] ?? []).map((day) => <th key={day} scope="col">{weekday(day, lang)}</th>)}</tr>
          </thead>
          <tbody>
            {weeks.map((week) => (
              <tr key={week[0]}>
                {week.map((day) => (
                  <td key={day} className={[day.slice(0, 6) === month.slice(0, 6) && day >= today ? "" : "off", day === today ? "today" : ""].join(" ").trim() || undefined}>
                    <Cell day={find(department, day)} today={today} open={open} dated />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Cell({ day, today, open, dated }: { day: Day; today: string; open: (day: Day) => void; dated?: boolean }) {
  const t = useWords(words);
  return (
    <button type="button" className={day.day < today ? "duty-cell over" : "duty-cell"} onClick={() => open(day)} title={t("details", { department: day.department, day: dashed(day.day) })}>
      {dated && <span className="date">{dashed(day.day).slice(5)}</span>}
      <OnDay day={day} />
    </button>
  );
}
