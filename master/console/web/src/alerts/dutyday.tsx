import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal, Skeleton } from "antd";
import { useState } from "react";
import { type Api, api, body } from "../api/client";
import { Act } from "../ui/act";
import { Ask } from "../ui/ask";
import { Fact } from "../ui/fact";
import { Time } from "../ui/time";
import { TroubleBox } from "../ui/trouble";
import { useWords } from "../ui/words";
import { dashed, plain } from "./days";
import { useDutyDays } from "./dutydata";
import { DayName, OnDay } from "./dutyparts";
import { SetDays } from "./dutyset";
import { words } from "./dutywords";

type Day = Api["DutyDay"];
type Props = { department: string; on: string; today: string; close: () => void };

const sources: Record<string, "rotation" | "manual" | "imported"> = { rotation: "rotation", manual: "manual", import: "imported" };

/** A day of a department: who, from where, and what may be done with it. */
export function DayDialog({ department, on, today, close }: Props) {
  const t = useWords(words);
  const q = useDutyDays({ department, from: on, to: on });
  const day = q.data && (q.data.items?.[0] ?? { department, day: on });
  const [doing, setDoing] = useState<"set" | "clear">();
  const source = day?.source ? sources[day.source] : undefined;
  const ahead = on >= today;
  const done = () => setDoing(undefined);
  return (
    <>
      <Modal
        open={doing === undefined}
        title={<>{department}, <DayName day={on} /></>}
        onCancel={close}
        footer={[
          <Button key="close" onClick={close}>{t("close")}</Button>,
          <Act key="clear" action="duty.edit" disabled={!ahead || source === undefined || source === "rotation"} onClick={() => setDoing("clear")}>{t("clear")}</Act>,
          <Act key="set" action="duty.edit" type="primary" disabled={!ahead || day === undefined} onClick={() => setDoing("set")}>{t("setDays")}</Act>,
        ]}
      >
        {q.error && <TroubleBox trouble={q.error} retry={() => void q.refetch()} />}
        {!day && !q.error && <Skeleton active title={false} />}
        {day && (
          <>
            <div className="duty-who"><OnDay day={day} phones /></div>
            <dl className="facts">
              <Fact name={t("source")}>{source ? t(source) : t("unsaid")}</Fact>
              {day.changedBy && <Fact name={t("changed")}>{t("by", { user: day.changedBy })} <Time at={day.changedAt} /></Fact>}
            </dl>
          </>
        )}
      </Modal>
      {day && <SetDays open={doing === "set"} initial={{ department: day.department, day: day.day, primary: day.primary?.name, secondary: day.secondary?.name, note: day.note }} close={done} />}
      {day && <ClearDays open={doing === "clear"} day={day} close={done} />}
    </>
  );
}

function ClearDays({ open, day, close }: { open: boolean; day: Day; close: () => void }) {
  const t = useWords(words);
  const queries = useQueryClient();
  async function clear({ until, reason }: { until?: string; reason?: string }) {
    await body(api.POST("/api/v1/duty/{department}/{day}/clear", { params: { path: { department: day.department, day: day.day } }, body: { until: until ? plain(until) : undefined, reason: reason ?? "" } }));
    await queries.invalidateQueries({ queryKey: ["duty"] });
  }
  return (
    <Ask<{ until?: string }> open={open} title={t("clearTitle", { department: day.department })} verb={t("clearVerb")} reason="required" act={clear} close={close}>
      <p>{t("clearWhat", { day: dashed(day.day) })}</p>
      <Form.Item name="until" label={t("until")}><Input type="date" min={dashed(day.day)} /></Form.Item>
    </Ask>
  );
}
