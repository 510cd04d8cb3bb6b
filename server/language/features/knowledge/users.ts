/** Users that nearly every image has, and what they are for. */
export const commonUsers: readonly (readonly [user: string, about: string])[] = [
  ['root', 'uid 0, may do everything'],
  ['nobody', 'owns nothing'],
  ['1000', 'a uid without a name works in every image'],
  ['1000:1000', 'uid and gid'],
  ['65532:65532', 'nonroot of distroless images'],
];

/** Users that images bring for their program, by the last part of the repository's path. */
export const imageUsers: { readonly [repository: string]: readonly string[] } = {
  node: ['node'],
  nginx: ['nginx'],
  'nginx-unprivileged': ['nginx'],
  postgres: ['postgres'],
  redis: ['redis'],
  mysql: ['mysql'],
  mariadb: ['mysql'],
  mongo: ['mongodb'],
  rabbitmq: ['rabbitmq'],
  haproxy: ['haproxy'],
  httpd: ['www-data'],
  php: ['www-data'],
  gradle: ['gradle'],
  ubuntu: ['ubuntu'],
  aspnet: ['app'],
  runtime: ['app'],
  sdk: ['app'],
  'static-debian12': ['nonroot'],
  'base-debian12': ['nonroot'],
};
