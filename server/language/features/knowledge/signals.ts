/** Signals that end or reload programs, the usual ones first; signal(7). */
export const signals: { readonly [name: string]: string } = {
  SIGTERM: 'asks to end; the default',
  SIGINT: 'as Ctrl+C; Python, Node.js and shells end at it',
  SIGQUIT: 'nginx and php-fpm finish what they serve, then end',
  SIGKILL: 'cannot be caught: nothing is finished',
  SIGHUP: 'many servers read their configuration again',
  SIGUSR1: "the program's own",
  SIGUSR2: "the program's own",
  SIGWINCH: 'Apache finishes what it serves, then ends',
  SIGABRT: 'ends with a core dump',
  SIGALRM: 'a timer',
  SIGPIPE: 'nobody reads what is written',
  SIGSTOP: 'stops; cannot be caught',
  SIGCONT: 'goes on',
  SIGPWR: 'the power fails',
  'SIGRTMIN+3': 'systemd shuts down',
};
