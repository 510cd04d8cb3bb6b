/** What a promise rejects with; undefined when it resolves. */
export function failureOf(done: Promise<unknown>): Promise<Error | undefined> {
  return done.then(
    () => undefined,
    error => error,
  );
}
