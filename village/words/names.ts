/** People who do not exist, named as people are. Names of one group go together; 1,400 of them before a middle letter is needed. */
import type { Tongue } from "./tongues.ts";

export interface Names {
  readonly first: readonly string[];
  readonly last: readonly string[];
}

export const NAMES: Readonly<Record<Tongue, readonly Names[]>> = {
  de: [
    names(
      "Ingrid Jonas Greta Bertram Liesl Anton Johanna Emil Edith Henrik Mathilde Felix Dilara Walter Sofie Theo Björn Käthe Ruth Oskar",
      "Sommer Brandt Öztürk Lindner Weiß Krause Vogt Jäger Hartmann Böhm Seidel Kühn Albrecht Fuchs Maurer Yıldız Engel Roth Pohl Winkler",
    ),
  ],
  es: [
    names(
      "Lucía Tomás Carmen Rafael Nuria Javier Elena Mateo Rosa Julián Inés Andrés Pilar Ximena Íñigo Marisol Rubén Amparo Joaquín Belén",
      "Ibáñez Morales Quintana Peña Vidal Castaño Herrero Núñez Rojas Serrano Ortega Cano Gallego Ferrer Montes Ríos Salas Prieto Luna Crespo",
    ),
  ],
  ar: [
    names(
      "Amina Yusuf Leyla Karim Noor Ibrahim Salma Omar Samira Aziz Huda Tariq",
      "Haddad Mansour Rahimi Khalil Nassar Sabbagh Darwish Farah Qasim Bishara",
    ),
    names("ليلى يوسف مريم سامي نور خالد هدى فاطمة", "الخطيب حداد منصور النجار سليمان الحلبي شاهين عيسى قاسم بشارة"),
  ],
  en: [
    names(
      "Mira Kofi Hana Piotr Priya Dimitri Chiara Linh Edwin Nadia Grace Kwame Maeve Andrei Yuki Zofia Abena Rory Esther Bram",
      "Okafor Lindqvist Murphy Nowak Sharma Papadakis Rossi Nguyen Fletcher Petrova Mensah Walsh Ionescu Tanaka Adeyemi Byrne Kowalska Hughes Visser Clarke",
    ),
  ],
};

function names(first: string, last: string): Names {
  return { first: first.split(" "), last: last.split(" ") };
}
