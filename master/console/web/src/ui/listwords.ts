import { defineWords } from "./words";

export const listWords = defineWords({
  en: {
    csv: "Download CSV", csvHint: "Everything that matches, {n} rows at most", cut: "The file has the first {n} rows; there are more.",
    columns: "Columns", columnsHint: "Columns that are shown", usual: "As at first",
  },
  zh: {
    csv: "下载 CSV", csvHint: "全部符合条件的内容，最多 {n} 行", cut: "文件含前 {n} 行，其余未包含。",
    columns: "列", columnsHint: "显示的列", usual: "恢复默认",
  },
});
