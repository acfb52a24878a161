// Package rule decides who is told of an alert, on which channel and by which
// rule (domain.md §10). It is pure: whoever may matter is in the question.
//
// Administrators go by the level of an alert: a critical one calls and texts
// the primary and the secondary on duty for the platform and mails to all
// administrators, an important one texts both and mails to all, a notice mails
// to all. A task's own rule says who hears of the task:
//
//   - owner only: its owner and nobody else, by mail, at priority 0 to 4 by SMS
//     too, and by phone if the task's phone alert is on and lists the owner;
//   - the default rule: at priority 0 to 4 mail to the owner's department and to
//     who has the task's SMS or mail right, SMS to the department's person on
//     duty and to who has the SMS right; at 5 to 9 mail to the department and to
//     who has the mail right;
//   - the lists of the task: added to the default rule, and alone where that is
//     off, at every priority; phone calls if the task's phone alert is on.
//
// What the rules leave open is decided so:
//
//   - An alert with a level and a task is told to administrators by its level and
//     to the task's people by the task's rule.
//   - The department's person on duty is the primary; the secondary when nobody
//     is primary or the primary cannot be texted.
//   - An owner without a department is mailed to in its stead.
//   - One and the same person as primary and secondary is told once.
//   - A receiver that a task lists is a user's name first, then a number or a
//     mail address of nobody's.
//   - When none of a task's people can be told, all administrators get a mail,
//     by the rule AdminsInstead.
//
// Whoever would be told and cannot be is an Untold with the reason, and so is a
// rule that finds nobody at all.
package rule
