/** The list of the games with names: a page, and JSON for programs. Its path is in the registry of answers, `Pages`. */
import type { ListedGame } from "../Games/Games.ts"
import { escapeHtml } from "./TestPage.ts"

const PLACEHOLDER = "<!-- games -->"

/** The card of a game. The page's script fills in its figures, and its picture when it is seen. */
const card = ({ height, name, width }: ListedGame): string =>
  `<li class="game" data-name="${name}"><div class="picture"></div><div class="text"><h2><a href="/games/${name}/">${escapeHtml(name)}</a></h2><p class="clients"></p><p class="phase"></p><p class="universe">${width} × ${height}</p></div></li>`

const renderGames = (games: ReadonlyArray<ListedGame>): string =>
  `<section class="card" id="empty"${games.length === 0 ? "" : " hidden"}><h2>There are no games yet</h2><p>Give a game a name above and open its page: there you choose its first cells, and get the command that starts it. Or start one in a terminal:</p><pre><code id="command">npx effect-c10k life --url ws://HOST/games/first/</code></pre></section>
    <ul class="games" id="games" aria-label="Games">${games.map(card).join("")}</ul>`

/** The page's `template`, with the games instead of its comment `games`. */
export const renderGamesPage = (template: string, games: ReadonlyArray<ListedGame>): string =>
  template.replace(PLACEHOLDER, () => renderGames(games))

/** The JSON for programs. What this node does not know is left out: no client of that game is connected to it. */
export const gamesJson = (games: ReadonlyArray<ListedGame>): string =>
  JSON.stringify({
    games: games.map(({ here, height, name, width }) => ({ name, path: `/games/${name}/`, width, height, ...here }))
  })
