import type { Word } from '../syntax/tree.ts';
import { splitCsv } from './csv.ts';
import { parseBoolean } from './literals.ts';
import type { Report } from './report.ts';
import type { Device } from './types.ts';

/** Reads a `--device` flag: a CDI device's name, and whether the build fails without it. */
export function readDevice(value: Word, report: Report): Device {
  const csv = splitCsv(value.text);
  if (csv.error !== undefined) {
    report(value, 'invalid-device', `failed to parse csv devices: ${csv.error}`);
    return { name: '', required: false };
  }
  const device = { name: '', required: false };
  for (const { text } of csv.fields) {
    const message = applyField(device, text);
    if (message !== undefined) report(value, 'invalid-device', message);
  }
  return device;
}

function applyField(device: { name: string; required: boolean }, field: string): string | undefined {
  const equals = field.indexOf('=');
  const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
  const value = equals < 0 ? 'true' : field.slice(equals + 1);
  if (key === 'required') {
    const required = parseBoolean(value);
    if (required === undefined) return `invalid value for ${key}: ${value}`;
    device.required = required;
    return undefined;
  }
  const isName = equals >= 0 && key === 'name';
  if (device.name !== '') {
    if (isName) return `device name already set to ${device.name}`;
    if (equals < 0) return `invalid field '${field}' must be a key=value pair`;
    return `unexpected key '${key}' in '${field}'`;
  }
  device.name = isName ? value : field;
  return undefined;
}
