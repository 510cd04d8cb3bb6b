import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { diagnostics, extension, sampleFile } from './facts.ts';

const text = (content: string) => new TextEncoder().encode(content);

suite('tasks', () => {
  test('each Dockerfile can be built by a task', async () => {
    const { connection } = await extension();
    const task = await find('sampan-build', ({ dockerfile }) => dockerfile === 'Dockerfile');
    assert.equal(task.group, vscode.TaskGroup.Build);
    assert.equal(await exitCodeOf(task), 0);
    const { images } = await connection.request('sampan/image/list', {});
    assert.ok(images.some(({ tags }) => tags.includes('sample:latest')));
  });

  test('a build task that fails ends with 1, and the matcher puts the failure on its line', async () => {
    const uri = sampleFile('Dockerfile.failing');
    await vscode.workspace.fs.writeFile(uri, text('FROM busybox:latest\nRUN exit 3\n'));
    const found = diagnostics(uri, list => list.some(({ source }) => source === 'sampan build'));
    const task = await find('sampan-build', ({ dockerfile }) => dockerfile === 'Dockerfile.failing');
    assert.equal(await exitCodeOf(task), 1);
    const [problem] = (await found).filter(({ source }) => source === 'sampan build');
    assert.equal(problem?.range.start.line, 1);
    await vscode.workspace.fs.delete(uri);
  });

  test('a task of tasks.json runs a container, passes its exit code on, and leaves nothing', async () => {
    const { connection } = await extension();
    const command = "sh -c 'exit 7'";
    const tasks = {
      version: '2.0.0',
      tasks: [{ type: 'sampan-run', label: 'seven', image: 'busybox:latest', command }],
    };
    await vscode.workspace.fs.writeFile(sampleFile('.vscode/tasks.json'), text(JSON.stringify(tasks)));
    const task = await find('sampan-run', definition => definition.command === command);
    assert.equal(await exitCodeOf(task), 7);
    for (;;) {
      const { containers } = await connection.request('sampan/container/list', { all: true });
      if (!containers.some(({ args }) => args.includes('exit 7'))) break;
    }
    await vscode.workspace.fs.delete(sampleFile('.vscode/tasks.json'));
  });
});

/** VS Code reads a tasks.json when it hears of it: asked again until it has. */
async function find(
  type: string,
  fits: (definition: vscode.TaskDefinition) => boolean,
): Promise<vscode.Task> {
  for (;;) {
    const task = (await vscode.tasks.fetchTasks({ type })).find(({ definition }) => fits(definition));
    if (task !== undefined) return task;
  }
}

async function exitCodeOf(task: vscode.Task): Promise<number | undefined> {
  const ended = new Promise<number | undefined>(resolve => {
    const subscription = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name !== task.name) return;
      subscription.dispose();
      resolve(exitCode);
    });
  });
  await vscode.tasks.executeTask(task);
  return ended;
}
