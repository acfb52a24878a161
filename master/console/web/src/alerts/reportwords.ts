import { defineWords } from "../ui/words";

/** Texts of reports. */
export const words = defineWords({
  en: {
    reports: "Reports", hourly: "Hourly", daily: "Daily", tabs: "Kinds of reports", of: "About", state: "State", headline: "Headline", made: "Made", sent: "Sent", green: "nothing wrong", wrong: "something wrong", notSent: "not sent",
    none: "No report of this kind is kept yet. The leader writes one every hour at minute 3, and at 08:03 about yesterday.", newest: "The newest", open: "Open the newest", back: "All reports",
    earlier: "Earlier", later: "Later", day: "Day", hour: "Hour that ended at", page: "As the mail", text: "As text", form: "Shown", hourlyOf: "Hourly report, {day} {from}–{to}", dailyOf: "Daily report of {day}", frame: "The report as it is mailed", madeAt: "made", normal: "{n} % normal",
    readers: "Who gets it by mail", noReaders: "Nobody gets this report by mail.", always: "every hour", whenWrong: "when something is wrong, and at 08:00 and 20:00", everyDay: "every day", noMail: "no mail address", noMailYou: "You have no mail address: nothing reaches you until you have one.", you: "you", get: "Send it to me", getAlways: "Send me every hour", getWrong: "Only when something is wrong", leave: "No more to me",
  },
  zh: {
    reports: "报表", hourly: "小时报", daily: "日报", tabs: "报表种类", of: "时段", state: "状态", headline: "摘要", made: "生成", sent: "发送", green: "正常", wrong: "有异常", notSent: "未发送",
    none: "尚无此类报表。主节点每小时第 3 分钟生成小时报，每天 08:03 生成昨天的日报。", newest: "最新", open: "查看最新", back: "全部报表",
    earlier: "往前", later: "往后", day: "日期", hour: "结束于（小时）", page: "邮件样式", text: "纯文本", form: "显示方式", hourlyOf: "小时报 {day} {from}–{to}", dailyOf: "日报 {day}", frame: "邮件样式的报表", madeAt: "生成于", normal: "正常率 {n} %",
    readers: "邮件接收人", noReaders: "目前没有人通过邮件接收此报表。", always: "每小时", whenWrong: "有异常时，以及 08:00 与 20:00", everyDay: "每天", noMail: "无邮箱", noMailYou: "您没有邮箱地址，设置后才能收到。", you: "本人", get: "发送给我", getAlways: "每小时都发给我", getWrong: "仅有异常时发给我", leave: "不再发给我",
  },
});
