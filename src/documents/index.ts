export { createDocuments, type Documents, type DocumentsPorts } from './create-documents.js'
export { createLearnedTexts, type LearnedTexts } from './learned-texts.js'
export {
  mergePublished,
  toManifest,
  type PublishedChange,
  type PublishRules,
} from './trusted/merge-published.js'
export { namedDocument } from './trusted/named-document.js'
export { readManifests, type ManifestPath } from './trusted/read-manifests.js'
export { readPublished } from './trusted/read-published.js'
export { TrustedDocumentsError, type TrustedDocument } from './trusted/trusted-document.js'
export { TrustedSet } from './trusted/trusted-set.js'
export {
  createTrustedSource,
  hasTrustedDocuments,
  manifestPaths,
  type TrustedSource,
} from './trusted/trusted-source.js'
