import { defineWords } from "./words";

export const untilWords = defineWords({
  en: {
    end: "Until", endNone: "until switched on again", end30m: "30 minutes", end1h: "1 hour", end2h: "2 hours", end4h: "4 hours", end8h: "8 hours", end1d: "1 day", end3d: "3 days", end7d: "7 days", endAt: "a certain time", endInstant: "Time ({zone})", endPast: "This time is over.",
  },
  zh: {
    end: "截止", endNone: "直至重新开启", end30m: "30 分钟", end1h: "1 小时", end2h: "2 小时", end4h: "4 小时", end8h: "8 小时", end1d: "1 天", end3d: "3 天", end7d: "7 天", endAt: "指定时间", endInstant: "时间（{zone}）", endPast: "该时间已过。",
  },
});
