/** The list of the games with names: a page, and JSON for programs. */
import type { ListedGame } from "../Games/Games.ts"
import { escapeHtml } from "./TestPage.ts"

const placeholder = "<!-- games -->"

/** There is no picture of a game that this node does not read, because requesting one would open the game. */
const picture = (address: string, { here }: ListedGame): string =>
  here === undefined
    ? ""
    : `<a href="${address}" tabindex="-1" aria-hidden="true"><img src="${address}picture.png" alt="" width="160" height="84"></a>`

const cells = (game: ListedGame): ReadonlyArray<string> => {
  const { here, height, name, width } = game
  const address = `/games/${encodeURIComponent(name)}/`
  const figures =
    here === undefined
      ? ["", "", "", "", "", ""]
      : [here.topology, here.phase, here.step < 0 ? "" : here.step, here.rate.toFixed(1), here.workers, here.watchers]
  return [
    picture(address, game),
    `<a href="${address}">${escapeHtml(name)}</a>`,
    `${width} × ${height}`,
    ...figures.map((value) => escapeHtml(String(value)))
  ]
}

const heads = ["Picture", "Game", "Size", "Rule and topology", "Phase", "Step", "Steps a second", "Workers", "Watchers"]

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

/** The page's `template`, with the games instead of its comment `games`. */
export const renderGamesPage = (template: string, games: ReadonlyArray<ListedGame>): string =>
  template.replace(placeholder, () => renderGames(games))

/**
 * The JSON for programs. Fields that this node does not know are left out, because no client of that game is connected
 * to it.
 */
export const gamesJson = (games: ReadonlyArray<ListedGame>): string =>
  JSON.stringify({
    games: games.map(({ here, height, name, width }) => ({ name, path: `/games/${name}/`, width, height, ...here }))
  })
