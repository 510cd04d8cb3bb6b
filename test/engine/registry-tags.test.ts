import assert from 'node:assert/strict';
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { isSampanError } from '../../server/common/errors.ts';
import { listTags } from '../../server/engine/image/registry/listTags.ts';

/** Answers of a registry, by path. */
const answers: { readonly [path: string]: { body: string; link?: string; status?: number } } = {
  '/v2/app/tags/list?n=1000': {
    body: '{"name":"app","tags":["1","2"]}',
    link: '</v2/app/tags/list?last=2&n=1000>; rel="next"',
  },
  '/v2/app/tags/list?last=2&n=1000': { body: '{"name":"app","tags":["3"]}' },
  '/v2/empty/tags/list?n=1000': { body: '{"name":"empty","tags":null}' },
  '/v2/odd/tags/list?n=1000': { body: '<html>' },
  '/v2/away/tags/list?n=1000': {
    body: '{"tags":["1"]}',
    link: '<http://elsewhere/v2/x/tags/list>; rel="next"',
  },
};

describe('tags of a registry', () => {
  let address: string;
  const server = http.createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    response.writeHead(answer ? 200 : 404, answer?.link ? { link: answer.link } : {});
    response.end(answer?.body ?? '{"errors":[{"code":"NAME_UNKNOWN"}]}');
  });
  const list = (name: string) =>
    listTags(`${address}/${name}`, {
      signal: AbortSignal.timeout(20_000),
      environment: { PATH: process.env.PATH },
    });

  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  test('come page by page', async () => {
    assert.deepEqual(await list('app'), ['1', '2', '3']);
  });

  test('can be none', async () => {
    assert.deepEqual(await list('empty'), []);
  });

  test('are not followed to another host', async () => {
    assert.deepEqual(await list('away'), ['1']);
  });

  test('of what is no registry are refused', async () => {
    await assert.rejects(list('odd'), error => isSampanError(error, 'image-invalid'));
    await assert.rejects(list('nothing'), error => isSampanError(error, 'not-found'));
  });
});
