export { createAdminServer, type AdminPorts, type AdminServer } from './admin-server.js'
