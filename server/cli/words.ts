/** Words for times and ids, as docker's command shows them. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long, roughly (docker/go-units, `HumanDuration`). */
export function roughDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / second);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(milliseconds / minute);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(milliseconds / hour);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  const days = Math.floor(milliseconds / day);
  if (days < 14) return `${Math.floor(hours / 24)} days`;
  if (days < 60) return `${Math.floor(days / 7)} weeks`;
  return days < 730 ? `${Math.floor(days / 30)} months` : `${Math.floor(days / 365)} years`;
}

/** `3 minutes ago`; `N/A` for a time that is not known. */
export function ago(time: string, now: number): string {
  const then = Date.parse(time);
  return Number.isNaN(then) ? 'N/A' : `${roughDuration(Math.max(0, now - then))} ago`;
}

/** Go's time.String without fractions, in UTC: `2006-01-02 15:04:05 +0000 UTC`. */
export function goTime(time: string): string {
  const then = new Date(time);
  if (Number.isNaN(then.getTime())) return 'N/A';
  return `${then.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

/** The 12 hex digits by which people know an object, without the algorithm. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

/** Cuts to `length` characters, the last an ellipsis, as docker shortens commands. */
export function ellipsis(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
