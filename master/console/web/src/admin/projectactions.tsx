import { api, body } from "../api/client";
import { useZone } from "../frame/session";
import { AskAct } from "../ui/askact";
import { type End, Until, endOf } from "../ui/until";
import { useGo } from "../ui/url";
import { useWords } from "../ui/words";
import { UserField } from "./fields";
import { peopleWords } from "./peoplewords";
import { useDone } from "./usedone";
import { words } from "./words";

type Props = { name: string; said: (sentence: string) => void };

/** Keeps the batches of a project from being assigned. */
export function HoldProject({ name, said }: Props) {
  const own = useWords(peopleWords);
  const zone = useZone();
  const done = useDone(said, "project");
  const title = own("holdProject", { name });
  const act = async (v: End & { reason?: string }) => {
    const { forSeconds, until } = endOf(v, zone);
    const reply = await body(api.POST("/api/v1/projects/{name}/hold", { params: { path: { name } }, body: { reason: v.reason, until: forSeconds ? Date.now() + forSeconds * 1000 : until } }));
    await done(reply.message);
  };
  return (
    <AskAct<End> action="project.hold" label={own("hold")} of={name} title={title} danger reason="required" act={act}>
      <p>{own("holdText")}</p>
      <Until />
    </AskAct>
  );
}

/** Ends a hold on a project. */
export function ReleaseProject({ name, said }: Props) {
  const own = useWords(peopleWords);
  const done = useDone(said, "project");
  const title = own("releaseProject", { name });
  const act = async (v: { reason?: string }) => done((await body(api.POST("/api/v1/projects/{name}/release", { params: { path: { name } }, body: { reason: v.reason } }))).message);
  return (
    <AskAct action="project.hold" label={own("release")} of={name} title={title} reason="optional" act={act}>
      <p>{own("releaseText")}</p>
    </AskAct>
  );
}

/** Deletes a project that has no tasks. */
export function DeleteProject({ name, said }: Props) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const done = useDone(said, "project");
  const go = useGo();
  const title = own("deleteProject", { name });
  const act = async (v: { reason?: string }) => {
    await done((await body(api.POST("/api/v1/projects/{name}/delete", { params: { path: { name } }, body: { reason: v.reason } }))).message);
    go("/admin/projects");
  };
  return (
    <AskAct action="project.edit" label={t("delete")} of={name} title={title} danger reason="required" phrase={name} phraseLabel={t("typeName", { name })} button={{ danger: true }} act={act}>
      <p>{own("deleteProjectText")}</p>
    </AskAct>
  );
}

/** Makes a user a member of a project. */
export function AddMember({ name, said }: Props) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const done = useDone(said, "project");
  const act = async (v: { user: string; reason?: string }) => {
    await api.POST("/api/v1/projects/{name}/members", { params: { path: { name } }, body: { user: v.user.trim(), reason: v.reason } });
    await done(t("done"));
  };
  return (
    <AskAct<{ user: string }> action="project.edit" label={own("addMember")} title={own("addMemberTo", { name })} verb={t("add")} reason="optional" act={act}>
      <p>{own("memberText")}</p>
      <UserField name="user" label={t("user")} required />
    </AskAct>
  );
}

/** Ends a user's membership of a project. */
export function RemoveMember({ name, user, said }: Props & { user: string }) {
  const t = useWords(words);
  const own = useWords(peopleWords);
  const done = useDone(said, "project");
  const title = own("removeMember", { name, user });
  const act = async (v: { reason?: string }) => {
    await api.POST("/api/v1/projects/{name}/members/{user}/remove", { params: { path: { name, user } }, body: { reason: v.reason } });
    await done(t("done"));
  };
  return <AskAct action="project.edit" label={t("remove")} of={user} title={title} danger reason="optional" act={act} />;
}
