/** What this page reads of a definition; the whole is in the task file. */
export type Spec = {
  inputs: { path: string; ready?: string; window?: string }[];
  outputs: { path: string; ready?: string }[];
  thirdParties: { code: string; key: string }[];
};

type Raw = { spec?: { inputs?: Spec["inputs"]; outputs?: Spec["outputs"]; thirdParties?: Spec["thirdParties"] } };

/** The data that a definition, as the interface gives it, reads and makes. */
export function specOf(definition: unknown): Spec {
  const spec = typeof definition === "object" && definition !== null ? (definition as Raw).spec : undefined;
  return { inputs: spec?.inputs ?? [], outputs: spec?.outputs ?? [], thirdParties: spec?.thirdParties ?? [] };
}
