/** The list of the games that have names: a page, and JSON for programs. */
import type { ListedGame } from "../Games/Games.ts"
import { escapeHtml } from "./TestPage.ts"

const placeholder = "<!-- games -->"

const cells = ({ here, height, name, width }: ListedGame): ReadonlyArray<string> => [
  `<a href="/games/${encodeURIComponent(name)}/">${escapeHtml(name)}</a>`,
  `${width} × ${height}`,
  ...(here === undefined
    ? ["", "", "", "", ""]
    : [here.topology, here.phase, here.step < 0 ? "" : here.step, here.workers, here.watchers].map((value) =>
        escapeHtml(String(value))
      ))
]

const heads = ["Game", "Size", "Rule and topology", "Phase", "Step", "Workers", "Watchers"]

const renderGames = (games: ReadonlyArray<ListedGame>): string => {
  if (games.length === 0)
    return '<section class="card" id="games"><p>There are no games yet. The first <code>life --url ws://HOST/games/NAME/</code> makes one.</p></section>'
  const rows = games.map(
    (game) =>
      `<tr>${cells(game)
        .map((cell) => `<td>${cell}</td>`)
        .join("")}</tr>`
  )
  const head = heads.map((text) => `<th scope="col">${text}</th>`).join("")
  return `<section class="card" id="games"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></section>`
}

/** The page's `template` with the games in the place of its comment `games`. */
export const renderGamesPage = (template: string, games: ReadonlyArray<ListedGame>): string =>
  template.replace(placeholder, () => renderGames(games))

/** What programs read. What a node does not know of a game, since nobody came to it there, is left out. */
export const gamesJson = (games: ReadonlyArray<ListedGame>): string =>
  JSON.stringify({
    games: games.map(({ here, height, name, width }) => ({ name, path: `/games/${name}/`, width, height, ...here }))
  })
