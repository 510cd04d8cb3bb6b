/** True for the name, path or URI of an ignore file: `.dockerignore`, `web.Dockerfile.dockerignore`. */
export function isIgnoreFileName(name: string): boolean {
  return /\.(?:docker|container)ignore$/i.test(name);
}
