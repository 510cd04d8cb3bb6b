/** The signals that programs use to end or reload, the usual ones first. */
export const signalNames: readonly string[] = [
  'SIGTERM',
  'SIGINT',
  'SIGQUIT',
  'SIGKILL',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
  'SIGABRT',
  'SIGALRM',
  'SIGSTOP',
  'SIGCONT',
  'SIGPWR',
  'SIGRTMIN+3',
];
