/** `^[a-zA-Z0-9][a-zA-Z0-9_.-]+$`, docker's grammar of names: two characters or more. */
const pattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** True for a name that a container, volume or network may have. */
export function isObjectName(name: string): boolean {
  return pattern.test(name);
}

/** The grammar in words, for messages. */
export const objectNameGrammar = '[a-zA-Z0-9][a-zA-Z0-9_.-]+, at least two characters';

const adjectives = (
  'able agile airy amber ample apt arctic avid azure balmy bold brave breezy bright brisk calm candid ' +
  'careful cheerful civil clear clever coastal cosy crisp curious daring deep deft eager early earnest easy ' +
  'elated even fair faithful fearless festive fine firm fleet fluent fond frank free fresh gentle glad ' +
  'golden good graceful grand green handy happy hardy hearty helpful honest hopeful humble ideal jolly jovial ' +
  'keen kind lively loyal lucid lucky mellow merry mild modest neat nimble noble open patient peaceful placid ' +
  'plucky polite proud prudent quick quiet rapid ready robust rosy serene sharp shiny silent smart smooth ' +
  'snug sober solid spry stable steady still stout sturdy subtle sunny swift tender tidy tough trusty upbeat ' +
  'useful valiant vivid warm wise witty worthy young zealous'
).split(' ');

const surnames = (
  'abel ampere anning archimedes aristotle avicenna babbage bardeen bell bernoulli bohr boole bose brahe ' +
  'brunel carson cauchy cavendish chandra clarke copernicus coulomb curie dalton darwin davinci descartes dijkstra ' +
  'dirac edison einstein elion engelbart erdos euclid euler faraday fermat fermi feynman fibonacci fleming ' +
  'fourier franklin galileo galois gauss germain goodall hamilton hawking herschel hertz hilbert hodgkin ' +
  'hooke hopper hubble huygens hypatia jacobi jemison joliot joule kelvin kepler khayyam knuth kovalevskaya ' +
  'lagrange lamarr lamport laplace lavoisier leavitt leibniz linnaeus liskov lovelace lumiere maxwell mayer ' +
  'mcclintock meitner mendel mendeleev mirzakhani mitchell napier newton nightingale nobel noether ohm ' +
  'pascal pasteur pauling perlman planck poincare ptolemy raman ramanujan riemann ritchie roentgen rosalind ' +
  'rubin rutherford sagan sammet shannon somerville stokes stonebraker swan tereshkova tesla thompson torvalds ' +
  'turing volta wiles wilson wozniak wright wu yalow yonath'
).split(' ');

/**
 * A name in docker's form `adjective_surname`; with `attempt` above 0 one digit follows, as docker does when
 * the first draw is taken. `boring_wozniak` cannot be drawn: Steve Wozniak is not boring.
 *
 * @param random a number in [0, 1), like Math.random
 */
export function generateName(random: () => number, attempt: number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)] as string;
  const name = `${pick(adjectives)}_${pick(surnames)}`;
  return attempt > 0 ? `${name}${Math.floor(random() * 10)}` : name;
}
