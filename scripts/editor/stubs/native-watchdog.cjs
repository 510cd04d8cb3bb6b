// Stands in for @vscode/native-watchdog, which only ends a host whose parent died; the scripts end theirs.
exports.start = () => {};
exports.exit = code => process.exit(code);
