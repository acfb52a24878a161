/** The task file that a new task begins from. */
export function template(owner: string, project: string): string {
  return `apiVersion: capri/v1
kind: Task
metadata:
  name: my_task_d          # small letters, digits and _
  title: ""
  project: ${project}
  owner: ${owner}
spec:
  period: day              # hour, day, week, month, cron or manual
  # earliest: "02:30"      # not before this time of the day
  # parents:               # batches of these must have succeeded
  #   - task: other_task_d
  # inputs:                # paths that must be there
  #   - path: "hdfs:///dw/ods/orders/dt={{ biz yyyyMMdd }}"
  # outputs:
  #   - path: "hdfs:///dw/dwd/orders/dt={{ biz yyyyMMdd }}"
  retry:
    times: 3
    interval: 5m
  timeouts:
    run: 1h
  run:
    type: shell
    script: |
      echo "the business date is {{ biz_date }}"
`;
}

const nameLine = /^(\s+name:\s*)([a-z][a-z0-9_]*)/m;

/** The file of another task under a name that is free to change. */
export const copyOf = (yaml: string) => yaml.replace(nameLine, "$1$2_copy");
