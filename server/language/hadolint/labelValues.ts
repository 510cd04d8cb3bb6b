import licenses from 'spdx-license-ids/index.json' with { type: 'json' };

/** RFC 3986, with a scheme. */
export function isUri(value: string): boolean {
  const match =
    /^[a-z][a-z0-9+.-]*:((?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2}|[[\]])*)(?:#(?:[\w.~!$&'()*+,;=:@/?-]|%[0-9a-f]{2})*)?$/i.exec(
      value,
    );
  if (!match) return false;
  // Brackets are around an address of version 6 only.
  return /^(?:[^[\]]|\/\/(?:[^/[\]]*@)?\[[0-9a-f:.v]+\](?=[:/?#]|$))*$/i.test(match[1] ?? '');
}

/** RFC 3339, section 5.6, with a day and a time that exist. */
export function isRfc3339(value: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-](\d\d):(\d\d))$/.exec(value);
  if (!match) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ...offset] = match
    .slice(1)
    .map(digits => Number(digits ?? 0));
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
  const [offsetHours = 0, offsetMinutes = 0] = offset;
  return isDay && hour < 24 && minute < 60 && second <= 60 && offsetHours < 24 && offsetMinutes < 60;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

const licenseIds: ReadonlySet<string> = new Set(licenses);

/** An identifier of the SPDX License List that is not deprecated. */
export function isLicense(value: string): boolean {
  return licenseIds.has(value);
}

/** The hash of a commit: all 40 digits or the first 7. */
export function isGitHash(value: string): boolean {
  return /^(?:[0-9a-f]{7}|[0-9a-f]{40})$/.test(value);
}

/** Semantic Versioning 2.0.0. */
export function isSemanticVersion(value: string): boolean {
  const [version = '', build, ...more] = value.split('+');
  const dash = version.indexOf('-');
  const core = dash < 0 ? version : version.slice(0, dash);
  const isPlain = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/.test(core) && more.length === 0;
  const isRelease =
    dash < 0 ||
    version
      .slice(dash + 1)
      .split('.')
      .every(isPreRelease);
  return (
    isPlain &&
    isRelease &&
    (build === undefined || build.split('.').every(one => /^[0-9A-Za-z-]+$/.test(one)))
  );
}

function isPreRelease(identifier: string): boolean {
  return /^[0-9A-Za-z-]+$/.test(identifier) && !/^0\d+$/.test(identifier);
}

/** An address of RFC 5322, section 3.4.1, without comments. */
export function isEmail(value: string): boolean {
  const at = value.lastIndexOf('@');
  const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
  const local = new RegExp(`^(?:${atom}(?:\\.${atom})*|"(?:[^"\\\\\\r\\n]|\\\\.)*")$`);
  const domain =
    /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[^[\]\\]*\])$/;
  if (at < 1 || value.length > 254 || at > 64) return false;
  return local.test(value.slice(0, at)) && domain.test(value.slice(at + 1));
}
