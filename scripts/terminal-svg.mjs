// Captures of a terminal -> one SVG that plays them. Pure. Knows the two styles that the program
// uses: plain and dim.
const CELL = { width: 8.4, height: 18 };
const MARGIN = 14;

const escape = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** One line of `tmux capture-pane -e` as tspans. */
function styled(line) {
  let dim = false;
  let spans = "";
  for (const part of line.split(/(\p{Cc}\[[\d;]*m)/u)) {
    const codes = /^\p{Cc}\[([\d;]*)m$/u.exec(part)?.[1];
    if (codes !== undefined) dim = codes.split(";").includes("2") || (dim && codes === "39");
    else if (part !== "") spans += `<tspan${dim ? ' class="d"' : ""}>${escape(part)}</tspan>`;
  }
  return spans;
}

/**
 * @param frames `{atMs, text}` in order; the last one stands for two seconds more
 * @param size columns and rows of the picture; of higher frames the end is shown
 */
export function framesToSvg(frames, { columns, rows }) {
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = rows * CELL.height + 2 * MARGIN;
  const first = frames[0]?.atMs ?? 0;
  const totalMs = (frames.at(-1)?.atMs ?? 0) - first + 2000;
  const percent = (ms) => ((Math.max(0, ms - first) / totalMs) * 100).toFixed(2);
  let style = "";
  let body = "";
  frames.forEach(({ atMs, text }, i) => {
    const from = percent(atMs);
    const to = i + 1 < frames.length ? percent(frames[i + 1].atMs) : "100";
    const hidden = i === 0 ? "" : `0%,${from}%{visibility:hidden}`;
    const after = to === "100" ? "" : `${to}%,100%{visibility:hidden}`;
    style += `@keyframes f${i}{${hidden}${from}%,${to}%{visibility:visible}${after}}#f${i}{animation:f${i} ${totalMs}ms step-end infinite}`;
    const lines = text.split("\n").slice(-rows);
    const drawn = lines.map(
      (line, row) =>
        `<text x="${MARGIN}" y="${MARGIN + (row + 0.75) * CELL.height}" xml:space="preserve">${styled(line)}</text>`,
    );
    body += `<g id="f${i}">${drawn.join("")}</g>\n`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="everyword live in a terminal">
<style>text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:#e6e6e6}.d{fill:#8a8a8a}${style}@media(prefers-reduced-motion){g{animation:none!important;visibility:hidden}#f${frames.length - 1}{visibility:visible}}</style>
<rect width="100%" height="100%" rx="8" fill="#1b1d23"/>
${body}</svg>
`;
}
