import type { EditorRule } from '../lint/editorRule.ts';
import { dl1001 } from './rules/dl1001.ts';
import { dl3000 } from './rules/dl3000.ts';
import { dl3001 } from './rules/dl3001.ts';
import { dl3002 } from './rules/dl3002.ts';
import { dl3003 } from './rules/dl3003.ts';
import { dl3004 } from './rules/dl3004.ts';
import { dl3006 } from './rules/dl3006.ts';
import { dl3007 } from './rules/dl3007.ts';
import { dl3008 } from './rules/dl3008.ts';
import { dl3009 } from './rules/dl3009.ts';
import { dl3010 } from './rules/dl3010.ts';
import { dl3011 } from './rules/dl3011.ts';
import { dl3012 } from './rules/dl3012.ts';
import { dl3013 } from './rules/dl3013.ts';
import { dl3014 } from './rules/dl3014.ts';
import { dl3015 } from './rules/dl3015.ts';
import { dl3016 } from './rules/dl3016.ts';
import { dl3018 } from './rules/dl3018.ts';
import { dl3019 } from './rules/dl3019.ts';
import { dl3020 } from './rules/dl3020.ts';
import { dl3021 } from './rules/dl3021.ts';
import { dl3022 } from './rules/dl3022.ts';
import { dl3023 } from './rules/dl3023.ts';
import { dl3024 } from './rules/dl3024.ts';
import { dl3025 } from './rules/dl3025.ts';
import { dl3026 } from './rules/dl3026.ts';
import { dl3027 } from './rules/dl3027.ts';
import { dl3028 } from './rules/dl3028.ts';
import { dl3029 } from './rules/dl3029.ts';
import { dl3030 } from './rules/dl3030.ts';
import { dl3032 } from './rules/dl3032.ts';
import { dl3033 } from './rules/dl3033.ts';
import { dl3034 } from './rules/dl3034.ts';
import { dl3035 } from './rules/dl3035.ts';
import { dl3036 } from './rules/dl3036.ts';
import { dl3037 } from './rules/dl3037.ts';
import { dl3038 } from './rules/dl3038.ts';
import { dl3040 } from './rules/dl3040.ts';
import { dl3041 } from './rules/dl3041.ts';
import { dl3042 } from './rules/dl3042.ts';
import { dl3043 } from './rules/dl3043.ts';
import { dl3044 } from './rules/dl3044.ts';
import { dl3045 } from './rules/dl3045.ts';
import { dl3046 } from './rules/dl3046.ts';
import { dl3047 } from './rules/dl3047.ts';
import { dl3048 } from './rules/dl3048.ts';
import { dl3049 } from './rules/dl3049.ts';
import { dl3050 } from './rules/dl3050.ts';
import { dl3051 } from './rules/dl3051.ts';
import { dl3052 } from './rules/dl3052.ts';
import { dl3053 } from './rules/dl3053.ts';
import { dl3054 } from './rules/dl3054.ts';
import { dl3055 } from './rules/dl3055.ts';
import { dl3056 } from './rules/dl3056.ts';
import { dl3057 } from './rules/dl3057.ts';
import { dl3058 } from './rules/dl3058.ts';
import { dl3059 } from './rules/dl3059.ts';
import { dl3060 } from './rules/dl3060.ts';
import { dl3061 } from './rules/dl3061.ts';
import { dl3062 } from './rules/dl3062.ts';
import { dl3063 } from './rules/dl3063.ts';
import { dl3064 } from './rules/dl3064.ts';
import { dl3065 } from './rules/dl3065.ts';
import { dl3066 } from './rules/dl3066.ts';
import { dl3067 } from './rules/dl3067.ts';
import { dl4000 } from './rules/dl4000.ts';
import { dl4001 } from './rules/dl4001.ts';
import { dl4003 } from './rules/dl4003.ts';
import { dl4004 } from './rules/dl4004.ts';
import { dl4005 } from './rules/dl4005.ts';
import { dl4006 } from './rules/dl4006.ts';

/** The rules of hadolint, by number. */
export const hadolintRules: readonly EditorRule[] = [
  dl1001,
  dl3000,
  dl3001,
  dl3002,
  dl3003,
  dl3004,
  dl3006,
  dl3007,
  dl3008,
  dl3009,
  dl3010,
  dl3011,
  dl3012,
  dl3013,
  dl3014,
  dl3015,
  dl3016,
  dl3018,
  dl3019,
  dl3020,
  dl3021,
  dl3022,
  dl3023,
  dl3024,
  dl3025,
  dl3026,
  dl3027,
  dl3028,
  dl3029,
  dl3030,
  dl3032,
  dl3033,
  dl3034,
  dl3035,
  dl3036,
  dl3037,
  dl3038,
  dl3040,
  dl3041,
  dl3042,
  dl3043,
  dl3044,
  dl3045,
  dl3046,
  dl3047,
  dl3048,
  dl3049,
  dl3050,
  dl3051,
  dl3052,
  dl3053,
  dl3054,
  dl3055,
  dl3056,
  dl3057,
  dl3058,
  dl3059,
  dl3060,
  dl3061,
  dl3062,
  dl3063,
  dl3064,
  dl3065,
  dl3066,
  dl3067,
  dl4000,
  dl4001,
  dl4003,
  dl4004,
  dl4005,
  dl4006,
];
