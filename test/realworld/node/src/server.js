const { createServer } = require('node:http');
const { greet } = require('greeting');

createServer((_request, response) => response.end(greet('node'))).listen(process.env.PORT);
process.on('SIGTERM', () => process.exit(0));
