import { useMemo, useRef } from "react";

const kept = "data-look";

/**
 * A mail as it is sent, in a frame where nothing runs. The console's policy lets
 * no style stand in the text of a page, so styles are laid aside and put on each
 * element once the frame is there.
 */
export function MailFrame({ html, title }: { html: string; title: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const page = useMemo(() => layAside(html), [html]);
  const dress = () => {
    const mail = frame.current?.contentDocument;
    if (!frame.current || !mail) return;
    for (const element of mail.querySelectorAll<HTMLElement>(`[${kept}]`)) element.style.cssText = element.getAttribute(kept) ?? "";
    frame.current.style.height = `${mail.body.scrollHeight + 2}px`;
  };
  return <iframe ref={frame} className="reports-frame" sandbox="allow-same-origin" title={title} srcDoc={page} onLoad={dress} />;
}

/** Gives the styles of a page's elements another name, under which nothing applies them. */
export function layAside(html: string): string {
  return html.replace(/(<[a-z][^>]*?\s)style="/gi, `$1${kept}="`);
}
