/** Words of the tasks feature. */
export const tasks = {
  title: 'Chats',
};
