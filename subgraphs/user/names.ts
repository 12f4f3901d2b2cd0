/** Data: the names of seeded customers. */
export const FIRST_NAMES: readonly string[] = [
  ...['Ada', 'Amara', 'Anton', 'Aiko', 'Beatriz', 'Björn', 'Camille', 'Chidi', 'Clara', 'Daniel', 'Dilara'],
  ...['Elena', 'Emil', 'Farah', 'Finn', 'Grace', 'Hana', 'Hugo', 'Ines', 'Ivan', 'Jonas', 'Juna', 'Kaito'],
  ...['Karim', 'Lena', 'Liam', 'Lucía', 'Malik', 'Marta', 'Mila', 'Nadia', 'Noah', 'Olga', 'Oskar', 'Priya'],
  ...['Rafael', 'Rosa', 'Samir', 'Sofia', 'Tariq', 'Theo', 'Uma', 'Vera', 'Wanda', 'Yusuf', 'Zoë'],
]

export const LAST_NAMES: readonly string[] = [
  ...['Adeyemi', 'Almeida', 'Andersen', 'Bauer', 'Becker', 'Bianchi', 'Brandt', 'Castillo', 'Chen', 'Costa'],
  ...['Dubois', 'Eriksen', 'Fischer', 'Fontaine', 'García', 'Haddad', 'Hoffmann', 'Ito', 'Jansen', 'Kaya'],
  ...['Keller', 'Kowalska', 'Lindqvist', 'Lovelace', 'Marino', 'Martens', 'Mbeki', 'Moreau', 'Nakamura'],
  ...['Novak', 'Okafor', 'Olsen', 'Patel', 'Petrov', 'Rahman', 'Romero', 'Rossi', 'Sato', 'Schneider'],
  ...['Silva', 'Sørensen', 'Tanaka', 'Thomsen', 'Vargas', 'Wagner', 'Weber', 'Yilmaz', 'Zimmermann'],
]
