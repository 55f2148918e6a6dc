// Loaded into Azurite's process before Azurite itself. It ends with its parent: when standard input
// does. Asked to stop by a line there, it first finishes the requests that are under way: Azurite
// would write its index without them and confirm them all the same.
import { subscribe } from 'node:diagnostics_channel';

const servers = new Set();
let underWay = 0;

subscribe('http.server.request.start', ({ server, response }) => {
  servers.add(server);
  underWay += 1;
  response.once('close', () => { underWay -= 1; });
});

function stop() {
  // Azurite listens for the signal only some time after it listens for requests.
  if (underWay > 0 || process.listenerCount('SIGTERM') === 0) return void setTimeout(stop, 5);
  for (const server of servers) server.closeIdleConnections();
  process.emit('SIGTERM');
}

process.stdin
  .on('end', () => process.exit(0))
  .once('data', stop);
