import type { Scenario } from "../Scenario.ts"
import { atRest } from "./AtRest.ts"
import { channelCosts } from "./Channels.ts"
import { echo } from "./Echo.ts"
import { echoClients } from "./EchoClients.ts"
import { fanOut } from "./FanOut.ts"
import { hostile } from "./Hostile.ts"
import { idle, idleConversation } from "./Idle.ts"
import { lifeEndToEnd } from "./LifeEndToEnd.ts"
import { loadTesters, loadTestersBusy, loadTestersLogic } from "./LoadTesters.ts"
import { million } from "./Million.ts"
import { millionCells } from "./MillionCells.ts"
import { nodes } from "./Nodes.ts"
import { page } from "./Page.ts"
import { lobbyPage, replayMemory, replayPage } from "./Pages.ts"
import { relay, relayGrowth } from "./Relay.ts"
import { rooms } from "./Rooms.ts"
import { rpc } from "./Rpc.ts"
import { stalledReaders } from "./Stalled.ts"
import { startUp } from "./StartUp.ts"
import { connectionStorm } from "./Storm.ts"
import { conversationStyles } from "./Styles.ts"
import { tls } from "./Tls.ts"
import { watchPage } from "./WatchPage.ts"

/** All scenarios, in the order in which they are run and documented. */
export const scenarios: ReadonlyArray<Scenario> = [
  relay,
  relayGrowth,
  nodes,
  stalledReaders,
  hostile,
  fanOut,
  lifeEndToEnd,
  idle,
  idleConversation,
  connectionStorm,
  echo,
  ...tls,
  conversationStyles,
  channelCosts,
  rooms,
  rpc,
  echoClients,
  loadTesters,
  loadTestersBusy,
  loadTestersLogic,
  page,
  watchPage,
  replayPage,
  replayMemory,
  lobbyPage,
  startUp,
  atRest,
  million,
  millionCells
]
