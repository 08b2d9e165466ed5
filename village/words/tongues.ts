/** Posts that people write in the language they dream in. */
import type { PostText } from "./post-text.ts";

export type Tongue = "en" | "de" | "es" | "ar";

interface Said {
  readonly offers: readonly PostText[];
  readonly requests: readonly PostText[];
}

export const TONGUES: Readonly<Record<Exclude<Tongue, "en">, Said>> = {
  de: {
    offers: [
      {
        title: "Ich backe am Samstag Zwetschgenkuchen für alle im Hof",
        details: "Wer mag, bringt eine Tasse mit. Kaffee ist da.",
        needs: ["participation", "affection"],
        form: "goods",
        when: "Samstag ab drei",
        where: "Hof hinter der Mühle",
      },
      {
        title: "Nachhilfe in Deutsch, ganz ohne Lehrbuch",
        details: "Wir kochen zusammen und reden dabei.",
        needs: ["understanding"],
        form: "hours",
        when: "donnerstags",
      },
    ],
    requests: [
      {
        title: "Wer fährt am Mittwoch Richtung Bahnhof und hat Platz für einen Rollator?",
        needs: ["freedom"],
        form: "hours",
        when: "Mittwoch früh",
      },
      {
        title: "Jemand, der mit mir die alten Fotos beschriftet",
        details: "Ich kenne die Gesichter noch. Meine Augen machen nicht mehr mit.",
        needs: ["identity", "affection"],
        form: "presence",
        where: "am Lindenplatz",
      },
      {
        title: "Einmachgläser und ein Nachmittag Gesellschaft",
        needs: ["subsistence", "participation"],
        form: "goods",
      },
    ],
  },
  es: {
    offers: [
      {
        title: "Arreglo enchufes, lámparas y casi todo lo que chispea",
        details: "No cobro. Si sobra tortilla, no digo que no.",
        needs: ["protection"],
        form: "hours",
        when: "por las tardes",
      },
      {
        title: "Clases de guitarra para quien nunca se atrevió",
        needs: ["creation", "rest"],
        form: "hours",
        when: "los viernes",
        where: "junto al molino",
      },
    ],
    requests: [
      {
        title: "¿Alguien puede acompañarme al colegio a hablar con la maestra?",
        details: "Entiendo bastante, pero cuando me pongo nerviosa se me olvidan las palabras.",
        needs: ["protection", "understanding"],
        form: "presence",
        when: "el martes a las nueve",
      },
      {
        title: "Busco una bici pequeña para mi hija de seis años",
        needs: ["freedom"],
        form: "loan",
      },
      {
        title: "Una tarde para aprender a podar los rosales de mi abuela",
        needs: ["understanding", "identity"],
        form: "hours",
        where: "huertos",
      },
    ],
  },
  ar: {
    offers: [
      {
        title: "أطبخ كل يوم جمعة وعندنا مكان لأربعة ضيوف",
        details: "لا تحضروا شيئًا، فقط تعالوا جائعين.",
        needs: ["participation", "affection"],
        form: "goods",
        when: "الجمعة مساءً",
        where: "قرب المحطة",
      },
      {
        title: "أساعد الأطفال في القراءة والحساب بعد المدرسة",
        needs: ["understanding"],
        form: "hours",
        when: "من الاثنين إلى الخميس",
      },
    ],
    requests: [
      {
        title: "أحتاج من يذهب معي إلى الطبيب يوم الأربعاء",
        details: "أفهم الكلام البطيء، لكن الطبيب سريع دائمًا.",
        needs: ["protection", "understanding"],
        form: "presence",
        when: "الأربعاء الساعة العاشرة",
      },
      {
        title: "هل عند أحد ماكينة خياطة أستعيرها ليومين؟",
        needs: ["creation"],
        form: "loan",
      },
      {
        title: "رفيق للمشي على طريق النهر في الصباح",
        needs: ["rest", "affection"],
        form: "presence",
        when: "أي صباح",
        where: "طريق النهر",
      },
    ],
  },
};
