/** Text for a terminal in raw mode: a bare line feed would not return to the first column. */
export function toTerminal(text: string): string {
  return text.replace(/\r?\n/g, '\r\n');
}

const csi = '\x1b[';

/** Select Graphic Rendition: styles that every theme colours (ECMA-48 8.3.117). */
export const style = {
  bold: (text: string) => `${csi}1m${text}${csi}22m`,
  dim: (text: string) => `${csi}2m${text}${csi}22m`,
  red: (text: string) => `${csi}31m${text}${csi}39m`,
  green: (text: string) => `${csi}32m${text}${csi}39m`,
  cyan: (text: string) => `${csi}36m${text}${csi}39m`,
};
