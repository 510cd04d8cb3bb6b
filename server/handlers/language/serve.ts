import type { MessageConnection } from 'vscode-jsonrpc/node';
import type {
  DidChangeConfigurationParams,
  DidChangeWorkspaceFoldersParams,
  DidOpenTextDocumentParams,
  InitializeParams,
  InitializeResult,
  PublishDiagnosticsParams,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { shellcheckInputs } from '../../language/shellcheck/input.ts';
import type { ShellcheckState } from '../../protocol/types.ts';
import type { Log } from '../environment.ts';
import { Shellcheck } from '../shellcheck/shellcheck.ts';
import { Analyses, type Analysis } from './analyses.ts';
import { BuildContexts } from './buildContexts.ts';
import { Client } from './client.ts';
import { readChangedSettings, readInitialSettings } from './clientSettings.ts';
import { ClosedFiles } from './closedFiles.ts';
import { ContextFolders } from './contextFolders.ts';
import { ContextSources } from './contextSources.ts';
import { Documents } from './documents.ts';
import { featureCapabilities, serveFeatures } from './features.ts';
import { HadolintFiles } from './hadolintFiles.ts';
import { IgnoreDocuments } from './ignoreDocuments.ts';
import { ignoreFileEdit } from './ignoreFileEdit.ts';
import { IgnoreFiles } from './ignoreFiles.ts';
import { Inbox } from './inbox.ts';
import { Lifecycle } from './lifecycle.ts';
import { LintSettingsReader } from './lintSettingsReader.ts';
import { LintSettingsStore } from './lintSettingsStore.ts';
import type { LocalStore } from './localStore.ts';
import { syncNotebooks } from './notebooks.ts';
import { Publisher } from './publisher.ts';
import { diagnosticOptions, servePullDiagnostics } from './pullDiagnostics.ts';
import { register } from './registrations.ts';
import { serveSemanticTokens } from './semanticTokens.ts';
import { warmUp } from './warmUp.ts';
import { serveWorkspaceDiagnostics } from './workspaceDiagnostics.ts';
import { WorkspaceFiles } from './workspaceFiles.ts';
import { WorkspaceSymbols } from './workspaceSymbols.ts';

// LSP 3.17 TextDocumentSyncKind; the package's own constant would load all of vscode-languageserver.
const incrementalSync = 2;

export interface LanguageOptions {
  readonly version: string;
  readonly log: Log;
  /** What is known about images. */
  readonly store: Pick<LocalStore, 'images' | 'tags' | 'accounts' | 'lookup' | 'listen'>;
  readonly onDidChangeShellcheck: (state: ShellcheckState) => void;
}

/**
 * Serves the Language Server Protocol. None of it needs the engine. `exited` resolves at the `exit`
 * notification, true when `shutdown` came before it.
 */
export function serveLanguage(
  raw: MessageConnection,
  options: LanguageOptions,
): { readonly exited: Promise<boolean> } {
  const lifecycle = new Lifecycle();
  const inbox = new Inbox();
  const connection = inbox.watch(lifecycle.guard(raw));
  const client = new Client();
  /** Before it is, the client may not be asked for anything. */
  let isInitialized = false;
  /** What is around a document has changed. */
  const refresh = (uri: string): void => {
    analyses.refresh(uri);
    announce(uri);
  };
  const announce = (uri: string): void => {
    const document = documents.get(uri);
    if (document === undefined) return;
    if (client.canPull) pull.refresh();
    else publisher.didChange(document);
  };
  /** What is around all documents has changed. */
  const announceAll = (): void => {
    closed.expire();
    if (client.canPull) pull.refresh();
    else for (const document of documents.all()) publisher.didChange(document);
  };
  const contexts = new BuildContexts(connection, client);
  const contextOf = (uri: string) => contexts.of(uri);
  const ignoreFiles = new IgnoreFiles({ onDidLoad: announce, contextOf });
  const sources = new ContextSources({ onDidLoad: refresh, roots: () => client.folders, contextOf });
  const hadolintFiles = new HadolintFiles({
    onDidLoad: announce,
    report: (uri, diagnostics) => publish({ uri, diagnostics: [...diagnostics] }),
    environment: process.env,
  });
  const lintSettings = new LintSettingsStore();
  const settings = new LintSettingsReader(connection, changed => {
    lintSettings.set(changed);
    announceAll();
  });
  const analyses = new Analyses({
    ignoreOf: uri => ignoreFiles.of(uri),
    settingsOf: uri => lintSettings.of(hadolintFiles.of(uri)),
    findSource: (uri, path, ignore) => sources.find(uri, path, ignore),
    shellcheckOf: uri => shellcheck.memoryOf(uri),
    images: () => options.store.lookup(),
  });
  options.store.listen(() => announceAll());
  const files = new WorkspaceFiles(() => client.folders);
  const closed = new ClosedFiles({
    contexts,
    settings: lintSettings,
    images: () => options.store.lookup(),
    roots: () => client.folders,
    environment: process.env,
  });
  const shellcheck = new Shellcheck({
    log: options.log,
    onDidCheck: refresh,
    onDidChangeState: options.onDidChangeShellcheck,
  });
  const checkScripts = (document: TextDocument): void => {
    shellcheck.check(document.uri, () => shellcheckInputs(analyses.of(document).result.file));
  };
  const publish = (params: PublishDiagnosticsParams): void => {
    connection
      .sendNotification('textDocument/publishDiagnostics', params)
      .catch(error => options.log('debug', `diagnostics were not sent: ${error}`));
  };
  const publisher = new Publisher({ analyses, inbox, send: publish });
  const documents = new Documents({
    didChange: document => {
      if (!client.canPull) publisher.didChange(document);
      checkScripts(document);
    },
    didClose: uri => {
      ignoreFiles.forget(uri);
      hadolintFiles.forget(uri);
      tokens.forget(uri);
      shellcheck.forget(uri);
      sources.forget(uri);
      analyses.forget(uri);
      if (!client.canPull) publisher.didClose(uri);
    },
  });
  const folders = new ContextFolders();
  const ignoreDocuments = new IgnoreDocuments({
    folders,
    send: publish,
    isPulled: () => client.canPull,
    refresh: () => pull.refresh(),
    contextOf: uri => contexts.ofIgnoreFile(uri),
  });
  const loadFilesOf = (uri: string): void => {
    void ignoreFiles.load(uri);
    void hadolintFiles.load(uri);
  };
  /** Looks again at all that is in the contexts of documents whose contexts are others than before. */
  const loadContexts = async (uris: readonly string[]): Promise<void> => {
    for (const uri of await contexts.load(uris)) {
      if (documents.get(uri) === undefined) ignoreDocuments.reload(uri);
      else {
        sources.forget(uri);
        void ignoreFiles.load(uri);
        refresh(uri);
      }
    }
  };
  const loadFiles = () => documents.uris().forEach(loadFilesOf);
  connection.onNotification('textDocument/didOpen', (params: DidOpenTextDocumentParams) => {
    void loadContexts([params.textDocument.uri]);
    if (ignoreDocuments.takes(params.textDocument)) {
      ignoreDocuments.documents.didOpen(params);
      return;
    }
    documents.didOpen(params);
    loadFilesOf(params.textDocument.uri);
  });
  const reload = (): void => {
    files.expire();
    closed.expire();
    loadFiles();
    for (const uri of ignoreDocuments.documents.uris()) ignoreDocuments.reload(uri);
  };
  connection.onNotification('textDocument/didSave', reload);
  connection.onNotification('workspace/didChangeWatchedFiles', () => {
    reload();
    sources.expire();
  });
  connection.onNotification('textDocument/didChange', params => {
    documents.didChange(params);
    ignoreDocuments.documents.didChange(params);
  });
  connection.onNotification('textDocument/didClose', params => {
    documents.didClose(params);
    ignoreDocuments.documents.didClose(params);
  });
  const analysisOf = (uri: string): Analysis | undefined => {
    const document = documents.get(uri);
    return document && analyses.of(document);
  };
  new WorkspaceSymbols(connection, { analysisOf, files });
  syncNotebooks(connection, documents, loadFilesOf);
  serveFeatures(connection, {
    analysisOf,
    contextOf,
    store: options.store,
    folders,
    ignoreDocuments,
    ignoreFileEditOf: (uri, lines) => {
      const file = ignoreFiles.fileOf(uri);
      return file && ignoreFileEdit(lines, { file, open: ignoreDocuments.documents.all(), client });
    },
  });
  const pull = servePullDiagnostics(connection, {
    analysisOf,
    ignoreFindings: uri => ignoreDocuments.diagnostics(uri),
    canRefresh: () => isInitialized && client.canRefresh,
    inbox,
  });
  serveWorkspaceDiagnostics(connection, {
    files,
    closed,
    open: () => [...documents.all(), ...ignoreDocuments.documents.all()],
    reportOf: pull.reportOf,
  });
  const tokens = serveSemanticTokens(connection, { analysisOf, inbox });
  connection.onNotification('workspace/didChangeConfiguration', (params: DidChangeConfigurationParams) => {
    void settings.didChange(params);
    contexts.tell(params.settings);
    closed.expire();
    void loadContexts([...documents.uris(), ...ignoreDocuments.documents.uris()]);
    const changed = readChangedSettings(params);
    if (!changed || !shellcheck.configure(changed.shellcheck)) return;
    for (const document of documents.all()) {
      refresh(document.uri);
      checkScripts(document);
    }
  });
  raw.onRequest('initialize', (params: InitializeParams): InitializeResult => {
    lifecycle.initialize();
    client.initialize(params);
    settings.initialize(params);
    contexts.tell(params.initializationOptions);
    shellcheck.configure(readInitialSettings(params).shellcheck);
    return {
      capabilities: {
        positionEncoding: 'utf-16',
        textDocumentSync: { openClose: true, change: incrementalSync, save: true },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
        ...featureCapabilities,
        ...(client.canPull && { diagnosticProvider: diagnosticOptions }),
      },
      serverInfo: { name: 'sampan', version: options.version },
    };
  });
  connection.onNotification(
    'workspace/didChangeWorkspaceFolders',
    ({ event }: DidChangeWorkspaceFoldersParams) => {
      client.changeFolders(event);
      reload();
    },
  );
  connection.onNotification('initialized', () => {
    isInitialized = true;
    void settings.ask();
    register(connection, client);
    warmUp();
  });
  raw.onRequest('shutdown', () => {
    lifecycle.shutDown();
    return null;
  });
  const exited = new Promise<boolean>(resolve => {
    connection.onNotification('exit', () => resolve(lifecycle.wasShutDown));
  });
  return { exited };
}
