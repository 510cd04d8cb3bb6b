import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SampanError } from '../../server/common/errors.ts';
import { explainFsFailure } from '../../server/engine/runtime/fs-errors.ts';
import { encodeFields, HelperError, ReceivedFields } from '../../server/engine/runtime/wire.ts';

function explained(step: string, errno: string): SampanError {
  const fields = encodeFields({ step, path: '/some/file', errno, message: 'the reason' });
  return explainFsFailure('do it', new HelperError(new ReceivedFields(fields))) as SampanError;
}

test('failures of the helper become the errors that a user can act on', () => {
  const codes = {
    'write ENOSPC': 'disk-full',
    'mkdir EDQUOT': 'disk-full',
    'tar EBADMSG': 'image-invalid',
    'chown EINVAL': 'unsupported',
    'mknod EPERM': 'unsupported',
    'read EFBIG': 'image-invalid',
    'rootfs ENODEV': 'isolation-unavailable',
    'request EPROTO': 'version-mismatch',
    'open ENOENT': 'not-found',
    'open EACCES': 'invalid-argument',
    'copy EISDIR': 'conflict',
    'write EIO': 'internal',
  };
  for (const [what, code] of Object.entries(codes)) {
    const [step = '', errno = ''] = what.split(' ');
    const error = explained(step, errno);
    assert.equal(error.code, code, what);
    assert.equal(error.message, `Could not do it: ${step} /some/file: the reason.`);
    assert.deepEqual(error.detail, { step, path: '/some/file', errno });
  }
});

test('disk that is full and ids that are missing come with what to do', () => {
  assert.match(explained('write', 'ENOSPC').hint ?? '', /prune/);
  assert.match(explained('chown', 'EINVAL').hint ?? '', /subuid/);
});

test("errors that are not the helper's stay as they are", () => {
  const error = new Error('other');
  assert.equal(explainFsFailure('do it', error), error);
});
