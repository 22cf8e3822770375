import { memoryCluster, memoryDatabase, memoryPair } from './places'
import { testPromises } from './suite'

testPromises([memoryDatabase, memoryPair, memoryCluster])
