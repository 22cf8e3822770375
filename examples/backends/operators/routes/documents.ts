import { z } from 'zod'
import { invalidFields, type Route } from '../../http/route'
import { notFound, nothing } from '../define-route'
import { documentTypes, fileName, mostDocumentBytes, typeOf } from '../documents'
import type { Parts } from '../parts'
import { documentView, enveloped, showDocument } from '../views'

const tag = 'Documents'

/** Documents of an operator: put there by the operator, seen by administrators too. */
export function documentRoutes({ documents, requests, subjectRoute }: Parts): readonly Route[] {
  return [
    subjectRoute({
      method: 'POST',
      path: '/operators/:id/documents',
      summary: 'Upload a document: the file itself is the body',
      tag,
      body: z.instanceof(Uint8Array),
      query: requests.uploadName,
      upload: { types: documentTypes, mostBytes: mostDocumentBytes },
      answers: {
        201: { means: 'Stored', body: enveloped(documentView) },
        403: { means: 'The account has no verified contact yet' },
        409: { means: 'There are too many documents' },
        413: { means: 'The file is over 5 MB' },
        415: { means: 'Files of this type are not taken' },
      },
      handle: async ({ body, query, header }, { account }) => {
        // Else anybody could fill the disk, under a new name each time.
        if (account.phone_verified === 0 && account.email_verified === 0) {
          return { code: 403, message: 'Verify a contact first' }
        }
        const type = typeOf(body)
        // What is stored is what the bytes are, and only if that is what they were said to be.
        if (type === undefined || !header('content-type')?.toLowerCase().startsWith(type)) {
          const message = 'Must be a PDF, PNG or JPEG file'
          return invalidFields([{ field: 'body', message }])
        }
        const document = await documents.add(account.id, query.name, type, body)
        return document === undefined
          ? { code: 409, message: 'There are too many documents' }
          : { code: 201, data: showDocument(document) }
      },
    }),

    subjectRoute({
      method: 'GET',
      path: '/operators/:id/documents',
      summary: 'List the documents of an operator',
      tag,
      body: nothing,
      query: nothing,
      answers: { 200: { means: 'All of them', body: enveloped(z.array(documentView)) } },
      handle: async (_call, { account }) => {
        const found = await documents.list(account.id)
        return { code: 200, data: found.map(showDocument) }
      },
    }),

    subjectRoute({
      method: 'GET',
      path: '/operators/:id/documents/:documentId',
      summary: 'Download a document',
      tag,
      body: nothing,
      query: nothing,
      answers: { 200: { means: 'The file, as an attachment' } },
      handle: async ({ parameters }, { account }) => {
        const found = await documents.read(account.id, parameters.documentId ?? '')
        if (found === undefined) return notFound
        const { document, bytes } = found
        const name = encodeURIComponent(fileName(document)).replace(
          /['()*]/g,
          (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
        )
        return {
          status: 200,
          headers: {
            'Content-Type': document.content_type,
            // Never shown by the browser as a page of this site.
            'Content-Disposition': `attachment; filename*=UTF-8''${name}`,
            'Content-Security-Policy': "default-src 'none'; sandbox",
          },
          content: bytes,
        }
      },
    }),
  ]
}
