// VS Code in a browser opens a port of this machine through a proxy that only code-server's outer half has. The
// browser is on this machine too, so it can be sent to the port itself.
import { createServer } from 'node:http';

/**
 * Listens on loopback and answers `/8080/path` with a redirect to port 8080.
 * @returns {Promise<{ template: string, close: () => void }>} what VSCODE_PROXY_URI is to be
 */
export async function startPortRedirect() {
  const server = createServer((request, response) => {
    const match = /^\/(\d{1,5})(\/.*)?$/.exec(request.url ?? '');
    if (match === null) response.writeHead(404);
    else response.writeHead(302, { location: `http://localhost:${match[1]}${match[2] ?? '/'}` });
    response.end();
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    template: `http://127.0.0.1:${server.address().port}/{{port}}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
