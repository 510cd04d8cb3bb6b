/** Ports that programs in containers usually listen on. */
export const commonPorts: readonly (readonly [port: string, program: string])[] = [
  ['80', 'HTTP'],
  ['443', 'HTTPS'],
  ['8080', 'HTTP without privileges'],
  ['8443', 'HTTPS without privileges'],
  ['3000', 'development servers of Node.js and Rails'],
  ['5000', 'Flask, registries'],
  ['8000', 'Django, uvicorn'],
  ['9000', 'php-fpm'],
  ['5432', 'PostgreSQL'],
  ['3306', 'MySQL, MariaDB'],
  ['6379', 'Redis'],
  ['27017', 'MongoDB'],
  ['5672', 'AMQP'],
  ['9090', 'Prometheus'],
  ['9229', 'inspector of Node.js'],
  ['53/udp', 'DNS'],
];
