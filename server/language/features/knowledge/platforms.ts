/** Values of `--platform`, the variables of a cross build first. */
export const commonPlatforms: { readonly [platform: string]: string } = {
  $BUILDPLATFORM: 'the machine that builds',
  $TARGETPLATFORM: 'what is built for; the default',
  'linux/amd64': '64-bit Intel and AMD',
  'linux/arm64': '64-bit Arm',
  'linux/arm/v7': '32-bit Arm, hard float',
  'linux/arm/v6': '32-bit Arm, Raspberry Pi 1 and Zero',
  'linux/386': '32-bit Intel',
  'linux/ppc64le': 'POWER',
  'linux/riscv64': 'RISC-V',
  'linux/s390x': 'IBM Z',
  'windows/amd64': 'Windows',
};
