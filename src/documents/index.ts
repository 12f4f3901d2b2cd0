export { createDocuments, type Documents, type DocumentsPorts } from './create-documents.js'
