import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kysely, Selectable } from 'kysely'
import type { DocumentsTable, Tables } from './tables'

export type Document = Readonly<Selectable<DocumentsTable>>

export const mostDocumentBytes = 5 * 1024 * 1024
const mostDocuments = 20

// What a file begins with. A type that is only said could be any file.
const signatures = {
  'application/pdf': [0x25, 0x50, 0x44, 0x46, 0x2d],
  'image/png': [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  'image/jpeg': [0xff, 0xd8, 0xff],
} as const
export type DocumentType = keyof typeof signatures
export const documentTypes: readonly DocumentType[] = ['application/pdf', 'image/png', 'image/jpeg']

/** The type that these bytes really are. */
export function typeOf(bytes: Uint8Array): DocumentType | undefined {
  return documentTypes.find((type) =>
    signatures[type].every((byte, index) => bytes[index] === byte),
  )
}

const extensions: Readonly<Record<string, RegExp>> = {
  'application/pdf': /\.pdf$/i,
  'image/png': /\.png$/i,
  'image/jpeg': /\.jpe?g$/i,
}

/** What a download is called. Its last extension is that of its type, whatever people call it. */
export function fileName({ name, content_type }: Pick<Document, 'name' | 'content_type'>): string {
  const isTypes = extensions[content_type]?.test(name) ?? false
  return isTypes ? name : `${name}.${content_type.split('/')[1]}`
}

export type Documents = ReturnType<typeof createDocuments>

/**
 * Files in a folder that no web server serves, under random names; what people call them, and
 * whose they are, stands in the database.
 */
export function createDocuments(database: Kysely<Tables>, folder: string, now: () => Date) {
  const owned = (operatorId: number) =>
    database.selectFrom('documents').selectAll().where('operator_id', '=', operatorId)

  const insert = (document: Document) =>
    database.transaction().execute(async (transaction) => {
      const { operator_id, created_at: updated_at } = document
      // The write holds this operator's other uploads until this one is counted.
      await transaction
        .updateTable('operators')
        .set({ updated_at })
        .where('id', '=', operator_id)
        .execute()
      const { count } = await transaction
        .selectFrom('documents')
        .select((is) => is.fn.countAll<number | string>().as('count'))
        .where('operator_id', '=', operator_id)
        .executeTakeFirstOrThrow()
      if (Number(count) >= mostDocuments) return false
      await transaction.insertInto('documents').values(document).execute()
      return true
    })

  return {
    /** Keeps a file, or nothing where there are too many already. */
    add: async (operatorId: number, name: string, type: DocumentType, bytes: Uint8Array) => {
      const document: Document = {
        id: randomUUID(),
        operator_id: operatorId,
        name,
        content_type: type,
        bytes: bytes.length,
        created_at: now().toISOString(),
      }
      const path = join(folder, document.id)
      await mkdir(folder, { recursive: true, mode: 0o700 })
      try {
        // A row must never be without its file: the file is there first.
        await writeFile(path, bytes, { mode: 0o600, flush: true })
        if (await insert(document)) return document
      } catch (error) {
        await rm(path, { force: true })
        throw error
      }
      await rm(path, { force: true })
      return undefined
    },

    list: (operatorId: number): Promise<Document[]> =>
      owned(operatorId).orderBy('created_at').orderBy('id').execute(),

    /** A document of this operator and its bytes. The path is made of the row's own id. */
    read: async (operatorId: number, id: string) => {
      // PostgreSQL cannot even be asked about some texts.
      if (!/^[0-9a-f-]{36}$/.test(id)) return undefined
      const document = await owned(operatorId).where('id', '=', id).executeTakeFirst()
      if (document === undefined) return undefined
      return { document, bytes: await readFile(join(folder, document.id)) }
    },
  }
}
