import { runProvider } from '../../provider-kit/index.ts'
import { postgresProvider } from './provider.ts'

runProvider(postgresProvider(process.env))
